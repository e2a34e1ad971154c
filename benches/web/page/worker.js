import { measureAll } from "./measure.js";

measureAll(Object.fromEntries(new URLSearchParams(location.search)), postMessage);
