// Leads the browser to another address of the app, as a link does: a new session begins there. It is told a place inside the app only.

const gone = new Set();

export default function (component) {
  const { address } = component.data;
  const target = new URL(address, location.origin);
  if (gone.has(address) || target.origin !== location.origin) return;
  gone.add(address);
  location.assign(target.href);
}
