import { computed, createSSRApp, h, ref } from "vue";
import { renderToString } from "vue/server-renderer";
import { useReconnecting } from "qwebsocket/vue";

import { play, root, server } from "./scenes.mjs";

let socket;

const Room = {
  props: ["name"],
  setup(props) {
    const last = ref("nothing");
    const url = computed(() => `${server}${props.name}`);
    const shown = useReconnecting(url, {
      onMessage: (message) => (last.value = `${message} in ${props.name}`),
    });
    return () => {
      socket = shown.socket.value;
      return h("p", `${props.name}: ${shown.state.value}, ${last.value}`);
    };
  },
};

const name = ref("one");
const app = createSSRApp({ render: () => h(Room, { name: name.value }) });

if (globalThis.document) {
  app.mount(root());
  await play({
    show: (other) => (name.value = other),
    unmount: () => app.unmount(),
    socket: () => socket,
  });
} else {
  console.log(await renderToString(app));
}
