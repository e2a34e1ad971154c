export class ReconnectingWebSocket {}
export function reconnecting() {}
