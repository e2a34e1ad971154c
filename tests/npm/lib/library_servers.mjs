// The servers of the libraries that are given a class: graphql-ws and aedes, on `ws`.

import { once } from "node:events";
import { createServer } from "node:http";
import { createRequire } from "node:module";

import { hosts, require as requireTool } from "./tools.mjs";

const require = createRequire(`${hosts}/`);
const { createWebSocketStream, WebSocketServer } = requireTool("ws");

/** Whoever says this in its `connection_init` is refused. */
const WRONG = "wrong";

/** Starts a server, to which `attach` adds what it is for; returns its URL and how to stop both. */
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
