// What libraries for schemas make of values: its types, and what is told.

import { type } from "arktype";
import { QWebSocket } from "qwebsocket";
import { typed, type TypedSocket } from "qwebsocket/typed";
import * as v from "valibot";
import { z } from "zod";

interface News {
  title: string;
  stars: number;
}

const schemas = {
  zod: z.object({ title: z.string(), stars: z.number().min(1) }),
  "zod, later": z.object({ title: z.string(), stars: z.number().refine(async (n) => n >= 1) }),
  valibot: v.object({ title: v.string(), stars: v.pipe(v.number(), v.minValue(1)) }),
  arktype: type({ title: "string", stars: "number >= 1" }),
};

async function converse(socket: QWebSocket, values: TypedSocket<News, unknown>): Promise<string> {
  const told: string[] = [];
  values.onmalformed = ({ error }) => told.push((error as Error).name);
  const messages = values.messages();
  await socket.open(process.argv[2] as string);
  for (const stars of [0, 5]) {
    values.send({ title: "€", stars });
  }
  const { value } = await messages.next();
  socket.abort();
  return [...told, `${value?.title} ${value?.stars}`].join(", ");
}

for (const [name, schema] of Object.entries(schemas)) {
  const socket = new QWebSocket();
  console.log(`${name}: ${await converse(socket, typed(socket, { schema }))}`);
}

// The types of each are those of its values.
const socket = new QWebSocket();
const all: TypedSocket<News, unknown>[] = [
  typed(socket, { schema: schemas.zod }),
  typed(socket, { schema: schemas.valibot }),
  typed(socket, { schema: schemas.arktype }),
];
// @ts-expect-error: stars are numbers
const wrong: TypedSocket<{ stars: string }, unknown> = typed(socket, { schema: schemas.zod });
void [all, wrong];
