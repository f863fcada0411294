// Who reads the end of a conversation goes on reading it, also while a chart in it is still being drawn.

const NEAR = 80; // pixels

export function keepEndInView(log) {
  let reading = true;
  log.addEventListener("scroll", () => {
    reading = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR;
  });
  const grown = new MutationObserver(() => {
    if (reading) log.scrollTop = log.scrollHeight;
  });
  grown.observe(log, { attributes: true, characterData: true, childList: true, subtree: true });
}
