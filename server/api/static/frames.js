// Server-sent events, as far as this server writes them: one line of data each.

export async function* frames(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let kept = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const parts = (kept + value).split("\r\n\r\n");
    kept = parts.pop();
    for (const part of parts) {
      const fields = part.split("\r\n").map((line) => line.split(/: ?(.*)/s));
      const of = (name) => fields.find(([found]) => found === name)?.[1];
      if (of("data") !== undefined) yield { id: of("id"), data: of("data") };
    }
  }
}
