// One for all tabs: owns the EventSource, so that ten tabs cost the server one stream.
importScripts(new URL("./stream-source.js", location.href).href);

const ports = new Set();
let last = { type: "link", up: false };

const source = self.openStream((message) => {
  if (message.type === "link") last = message;
  for (const port of ports) port.postMessage(message);
});

self.onconnect = (event) => {
  const port = event.ports[0];
  ports.add(port);
  port.onmessage = ({ data }) => {
    if (data === "bye") ports.delete(port);
    if (data === "retry") source.retry();
  };
  port.postMessage(last);
};
