// A chat: a token for each connection, rooms that are joined again, a heartbeat, typed JSON, a state to
// show. When the server closes with 4001, as with any code of its own, there is no further attempt.

import { reconnecting, type ReconnectOptions } from "qwebsocket/reconnecting";
import { json, typed } from "qwebsocket/typed";

type News = { room: string; text: string };
type Command = { join: string } | News;

export function chat(url: string, token: () => Promise<string>, options: ReconnectOptions = {}) {
  const rooms = new Set<string>();
  const { encode } = json<News, Command>();
  const socket = reconnecting(async () => `${url}?token=${await token()}`, {
    greeting: () => [...rooms].map((room) => encode({ join: room })),
    keepAlive: { interval: 25_000, limit: 5_000, probe: '"ping"', isAnswer: (m) => m === '"pong"' },
    ...options,
  });
  const news = typed<News, Command>(socket);
  const join = (room: string) => {
    rooms.add(room);
    return socket.isValid && news.send({ join: room });
  };
  return { socket, news, join, say: (room: string, text: string) => news.send({ room, text }) };
}

export function show(socket: ReturnType<typeof chat>["socket"], status: (text: string) => void) {
  socket.onstateChanged = ({ state }) => status(state);
  socket.onwaiting = ({ delay }) => status(`lost, again in ${delay} ms`);
  socket.ongivenUp = () => status(socket.closeCode === 4001 ? "signed out" : "gone");
}
