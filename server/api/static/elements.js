// Making elements, and what every form here does. Text only ever becomes text: nothing here parses markup.

export function element(name, text = "", attributes = {}) {
  const made = document.createElement(name);
  made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

export function button(text, act, attributes = {}) {
  const made = element("button", text, { type: "button", ...attributes });
  made.addEventListener("click", act);
  return made;
}

// A field with its label around it.
export function field(label, name, attributes = {}) {
  const made = element("label", label);
  made.append(element("input", "", { name, ...attributes }));
  return made;
}

// What fails is said in the form, at the field it is about; meanwhile it can't be sent twice.
export function onSubmit(form, act) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (form.hasAttribute("aria-busy")) return;
    const trouble = form.querySelector(".trouble");
    trouble.textContent = "";
    form.setAttribute("aria-busy", "true");
    try {
      await act(form.elements);
    } catch (error) {
      trouble.textContent = error.message;
      form.elements.namedItem(error.field ?? "")?.focus?.();
    } finally {
      form.removeAttribute("aria-busy");
    }
  });
}
