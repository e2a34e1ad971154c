// The servers of the libraries that are given a class.

import { once } from "node:events";
import { createServer } from "node:http";
import { createRequire } from "node:module";

import { hosts, require as requireTool } from "./tools.mjs";

const require = createRequire(`${hosts}/`);
const { createWebSocketStream, WebSocketServer } = requireTool("ws");

/** Whoever says this in its `connection_init` is refused. */
const WRONG = "wrong";

/** Starts a server on `ws`, to which `attach` adds what it is for; returns its URL and how to stop both. */
async function started(options, attach) {
  const http = createServer();
  const sockets = new WebSocketServer({ server: http, ...options });
  const { close } = await attach(sockets);
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  const stop = () => {
    sockets.clients.forEach((socket) => socket.terminate());
    close?.();
    http.close();
  };
  return { url: `ws://127.0.0.1:${http.address().port}`, stop };
}

/** A schema with a greeting, and a subscription that counts. */
export function graphqlServer() {
  const { GraphQLInt, GraphQLObjectType, GraphQLSchema, GraphQLString } = require("graphql");
  const { useServer } = require("graphql-ws/use/ws");
  const schema = new GraphQLSchema({
    query: new GraphQLObjectType({
      name: "Query",
      fields: { greeting: { type: GraphQLString, resolve: () => "grüß Gott" } },
    }),
    subscription: new GraphQLObjectType({
      name: "Subscription",
      fields: {
        count: {
          type: GraphQLInt,
          args: { to: { type: GraphQLInt } },
          async *subscribe(_, { to }) {
            for (let count = 1; count <= to; count++) {
              yield { count };
            }
          },
        },
      },
    }),
  });
  const onConnect = ({ connectionParams }) => connectionParams?.token !== WRONG;
  return started({ handleProtocols: ([name]) => name }, (sockets) => {
    useServer({ schema, onConnect }, sockets);
    return {};
  });
}

/** A broker that drops whoever publishes `drop me`. */
export function mqttBroker() {
  const { Aedes } = require("aedes");
  return started({ handleProtocols: ([name]) => name }, async (sockets) => {
    const broker = await Aedes.createBroker();
    broker.on("publish", ({ topic }, client) => {
      if (topic === "drop me") {
        client.conn.socket.terminate();
      }
    });
    sockets.on("connection", (socket, request) => {
      const stream = createWebSocketStream(socket);
      stream.socket = socket;
      stream.on("error", () => {});
      broker.handle(stream, request);
    });
    return { close: () => broker.close() };
  });
}

/** Greets, counts, fails, and drops whoever asks for it. */
export function trpcServer() {
  const { initTRPC } = require("@trpc/server");
  const { applyWSSHandler } = require("@trpc/server/adapters/ws");
  const { procedure, router: made } = initTRPC.create();
  const router = made({
    greeting: procedure.input(String).query(({ input }) => `grüß ${input}`),
    count: procedure.input(Number).subscription(async function* ({ input }) {
      for (let count = 1; count <= input; count++) {
        yield count;
      }
    }),
    fail: procedure.query(() => {
      throw new Error("wrong");
    }),
    drop: procedure.mutation(({ ctx }) => ctx.terminate()),
  });
  return started({}, (wss) => {
    applyWSSHandler({ wss, router, createContext: ({ res }) => res });
    return {};
  });
}

/** The documents of y-websocket, in memory. */
export function yjsServer() {
  const { docs, setupWSConnection } = require("@y/websocket-server/utils");
  return started({}, (sockets) => {
    sockets.on("connection", setupWSConnection);
    return { close: () => docs.forEach((doc) => doc.destroy()) };
  });
}

/** Answers the event `echo` with what came with it, and drops whoever says `drop`. */
export async function socketIoServer() {
  const { Server } = require("socket.io");
  const http = createServer();
  const server = new Server(http, { transports: ["websocket"] });
  server.on("connection", (socket) => {
    socket.on("echo", (...told) => told.pop()(told));
    socket.on("drop", () => socket.conn.transport.socket.terminate());
  });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  return { url: `ws://127.0.0.1:${http.address().port}`, stop: () => server.close() };
}
