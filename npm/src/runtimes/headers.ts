// Headers as runtimes take them.

/** Headers as an object; of the same name in one line (RFC 9110 §5.3). */
export function joined(headers: [string, string][]): Record<string, string> {
  const all: Record<string, string> = Object.create(null);
  for (const [name, value] of headers) {
    const separator = name.toLowerCase() == "cookie" ? "; " : ", ";
    all[name] = name in all ? `${all[name]}${separator}${value}` : value;
  }
  return all;
}
