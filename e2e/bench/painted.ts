// How long, by the page's own clock, from a click until what it leads to has been painted.
import type { Page } from "@playwright/test";

/** Begin listening, then click: milliseconds until an element for `selector` has been painted. */
export function clickToPainted(page: Page, selector: string): Promise<number> {
  return page.evaluate(
    (selector) =>
      new Promise<number>((done) => {
        let touched = 0;
        addEventListener("click", () => (touched = performance.now()), { capture: true, once: true });
        const watcher = new MutationObserver(() => {
          if (!touched || !document.querySelector(selector)) return;
          watcher.disconnect();
          // A frame's callbacks run before it is painted, a task posted from there after it.
          requestAnimationFrame(() => setTimeout(() => done(performance.now() - touched)));
        });
        watcher.observe(document.body, { childList: true, subtree: true });
      }),
    selector,
  );
}
