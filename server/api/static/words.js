// Values as people of this browser's language read them.

export function money({ amount, currency }) {
  return new Intl.NumberFormat(undefined, { style: "currency", currency }).format(Number(amount));
}

export function number(value) {
  return new Intl.NumberFormat().format(Number(value));
}

export function size(bytes) {
  const [unit, value] = bytes < 1e6 ? ["kilobyte", Math.max(1, Math.round(bytes / 1e3))] : ["megabyte", bytes / 1e6];
  return new Intl.NumberFormat(undefined, { style: "unit", unit, maximumFractionDigits: 1 }).format(value);
}

export function moment(at) {
  return new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" }).format(new Date(at));
}

export function plainly(name) {
  return name.replaceAll("_", " ");
}

// Names one command, however often it is sent.
export function key() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
