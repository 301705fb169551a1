// Starts the app's own script and WebAssembly a second time, as the records worker. The page says under which name
// this build has put the script, and hands over the WebAssembly that it has compiled already.
self.onmessage = async ({ data: { script, module } }) => {
  self.onmessage = null;
  const { default: start } = await import(script);
  await start({ module_or_path: module });
};

// A failure inside a promise would otherwise reach nobody, and the page would wait for ever.
self.addEventListener("unhandledrejection", (event) => {
  self.postMessage({ text: '"Died"' });
  console.error("the records worker failed", event.reason);
  self.close();
});
