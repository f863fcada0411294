// Answers as fetch gives them.

export function answer(body, status = 200, headers = {}) {
  const text = body === undefined ? "" : JSON.stringify(body);
  return new Response(status === 204 ? null : text, { status, headers });
}

export function refusal(status, code, detail, headers = {}) {
  return answer({ status, code, detail, field: null }, status, headers);
}
