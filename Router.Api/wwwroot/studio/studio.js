// What the Studio's components ask of the browser itself.
window.routerStudio = {
  // Gives a field's text once and leaves the field empty: a key is nowhere on the page after it was sent.
  take(field) {
    const text = field.value;
    field.value = '';
    return text;
  },
  copy: text => navigator.clipboard.writeText(text),
  scrollToEnd(element) {
    element.scrollTop = element.scrollHeight;
  },
};
