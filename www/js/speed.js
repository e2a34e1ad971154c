// Throughput and round trips of the browser's socket and of ours, measured in this page.

import { bars } from "./bars.js";
import { chart, SERIES } from "./chart.js";
import { curves } from "./curves.js";
import { element, get, onClick, show } from "./dom.js";
import { milliseconds, size } from "./format.js";
import { payloadOf, roundTrips, throughput } from "./measure.js";
import { OurPeer, RawPeer } from "./peers.js";
import { median } from "./statistics.js";

const SIZES = [16, 1024, 65536];
const DURATION = 150;
const TRIPS = 80;
const TRIP_SIZE = 16;
/** The first one warms up and does not count. */
const ROUNDS = 8;

export function startSpeed({ QWebSocket }, server) {
  const { throughput, trips } = nothing();
  const throughputChart = chart(get("throughput"), bars, throughput, "Not measured yet");
  const tripsChart = chart(get("trips"), curves, trips, "Not measured yet");
  let stopped = false;

  onClick("measure-stop", () => (stopped = true));
  onClick("measure", async () => {
    stopped = false;
    setRunning(true);
    const results = nothing();
    const peers = { raw: new RawPeer(), ours: new OurPeer(QWebSocket) };
    try {
      await Promise.all(Object.values(peers).map((peer) => peer.open(server.url)));
      for (let round = 0; round < ROUNDS && !stopped; round += 1) {
        const kept = round > 0 ? results : nothing();
        await measureRound(peers, get("measure-kind").value, round, kept);
        get("measure-progress").value = (round + 1) / ROUNDS;
        showResults(results, throughputChart, tripsChart);
      }
      show("measure-words", stopped ? "Stopped." : "Done.");
    } catch (error) {
      show("measure-words", `Ended: ${error.message}.`);
    } finally {
      Object.values(peers).forEach((peer) => peer.close());
      setRunning(false);
    }
  });
  get("measure").disabled = false;
}

function nothing() {
  const both = () => ({ raw: [], ours: [] });
  return {
    throughput: SIZES.map((length) => ({ label: size(length), ...both() })),
    trips: both(),
  };
}

/** Whoever begins in one round ends in the next. */
async function measureRound(peers, kind, round, results) {
  const order = Object.keys(SERIES);
  if (round % 2 === 1) {
    order.reverse();
  }
  for (const [index, length] of SIZES.entries()) {
    const payload = payloadOf(kind, length);
    for (const name of order) {
      const measured = throughput(peers[name], payload, DURATION);
      results.throughput[index][name].push(await unlessLost(peers[name], measured));
    }
  }
  for (const name of order) {
    const measured = roundTrips(peers[name], payloadOf(kind, TRIP_SIZE), TRIPS);
    results.trips[name].push(...(await unlessLost(peers[name], measured)));
  }
}

const unlessLost = (peer, measured) => Promise.race([measured, peer.lost]);

function setRunning(running) {
  const focused = document.activeElement;
  get("measure").disabled = running;
  get("measure-kind").disabled = running;
  get("measure-stop").disabled = !running;
  if (running) {
    get("measure-progress").value = 0;
    show("measure-words", "Measures …");
  }
  // The keyboard must not be left on a control that is gone.
  if (focused.disabled) {
    get(running ? "measure-stop" : "measure").focus();
  }
}

function showResults(results, throughputChart, tripsChart) {
  const rows = rowsOf(results);
  if (rows.length === 0) {
    return;
  }
  const trip = rows.at(-1);
  const ratios = rows.slice(0, -1).map(({ label, ratio }) => `${label}: ${ratio}`);
  const throughputWords = `Ours to the browser’s, ${ratios.join(", ")}`;
  const tripWords = `Median: ${trip.raw} with the browser’s, ${trip.ours} with ours`;
  throughputChart(results.throughput, throughputWords);
  tripsChart(results.trips, tripWords);
  show("throughput-sum", throughputWords);
  show("trips-sum", tripWords);
  get("measure-table").replaceChildren(...rows.map(tableRow));
}

function rowsOf({ throughput, trips }) {
  const row = (label, { raw, ours }, words) => ({
    label,
    raw: words(median(raw)),
    ours: words(median(ours)),
    ratio: (median(ours) / median(raw)).toFixed(2),
  });
  if (trips.ours.length === 0) {
    return [];
  }
  const rate = (value) => `${Math.round(value).toLocaleString("en")}/s`;
  return [
    ...throughput.map((group) => row(group.label, group, rate)),
    row(`Round trip of ${size(TRIP_SIZE)}`, trips, milliseconds),
  ];
}

function tableRow({ label, raw, ours, ratio }) {
  const row = element("tr");
  const head = element("th", label);
  head.scope = "row";
  row.append(head, element("td", raw), element("td", ours), element("td", ratio));
  return row;
}
