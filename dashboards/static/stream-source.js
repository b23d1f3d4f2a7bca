// Opens the stream and keeps it open; a classic script, since both a worker and a page load it.
(() => {
  const PAUSE_MS = 3000;
  const LONGEST_PAUSE_MS = 30000;

  self.openStream = (tell) => {
    let stream = null;
    let after = "";
    let timer = 0;
    let pause = PAUSE_MS;
    let openedAt = 0;

    const open = () => {
      clearTimeout(timer);
      openedAt = performance.now();
      stream?.close();
      stream = new EventSource(`/api/live/stream${after ? `?after=${encodeURIComponent(after)}` : ""}`);
      stream.onopen = () => {
        pause = PAUSE_MS;
        tell({ type: "link", up: true });
      };
      stream.onerror = () => {
        tell({ type: "link", up: false });
        // An answer that is no stream closes it for good; a broken connection is retried by the browser.
        if (stream.readyState !== EventSource.CLOSED) return;
        timer = setTimeout(open, pause);
        pause = Math.min(LONGEST_PAUSE_MS, pause * 2);
      };
      stream.addEventListener("tick", (event) => {
        after = event.lastEventId;
        tell({ type: "tick", data: event.data });
      });
      stream.addEventListener("reset", () => tell({ type: "reset" }));
    };

    // Ten tabs may ask for it at once.
    const retry = () => performance.now() - openedAt > PAUSE_MS && open();

    open();
    return { retry };
  };
})();
