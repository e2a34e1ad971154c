import { measureAll } from "./measure.js";

onmessage = ({ data }) => measureAll(data, postMessage);
