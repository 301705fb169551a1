// What the page's main thread was busy with, by Chromium's own trace: each task with its length.
import type { CDPSession, Page } from "@playwright/test";

const TASKS = "disabled-by-default-devtools.timeline";
const MARKS = "blink.user_timing";

interface TraceEvent {
  name: string;
  cat: string;
  ph: string;
  pid: number;
  tid: number;
  /** Microseconds. */
  ts: number;
  dur?: number;
  /** The same in processor time, which other work on the machine does not lengthen. */
  tdur?: number;
  args?: { name?: string };
}

export interface Task {
  /** Milliseconds by the trace's clock. */
  from: number;
  to: number;
  /** Milliseconds of processor time. */
  length: number;
}

/** A `performance.mark` of the page. */
export interface Mark {
  name: string;
  at: number;
}

export interface Trace {
  tasks: Task[];
  marks: Mark[];
}

/** Every task on the page's main thread from now until what comes back is called. */
export async function traceTasks(page: Page): Promise<() => Promise<Trace>> {
  const session: CDPSession = await page.context().newCDPSession(page);
  const events: TraceEvent[] = [];
  session.on("Tracing.dataCollected", ({ value }) => {
    for (const event of value as unknown as TraceEvent[]) {
      if (event.name === "RunTask" || event.name === "thread_name" || event.cat === MARKS) events.push(event);
    }
  });
  await session.send("Tracing.start", {
    transferMode: "ReportEvents",
    traceConfig: { includedCategories: [TASKS, MARKS, "__metadata"], excludedCategories: ["*"] },
  });
  return async () => {
    const complete = new Promise((done) => session.once("Tracing.tracingComplete", done));
    await session.send("Tracing.end");
    await complete;
    // Not detached: the end of any session would take the page's virtual sensor away.
    const marks = events.filter((event) => event.cat === MARKS).map(({ name, ts }) => ({ name, at: ts / 1000 }));
    return { tasks: tasksOf(events), marks };
  };
}

/** The busiest renderer's main thread is the page's: a browser that measures has only one page. */
function tasksOf(events: TraceEvent[]): Task[] {
  const main = new Set<string>();
  for (const { name, args, pid, tid } of events) {
    if (name === "thread_name" && args?.name === "CrRendererMain") main.add(`${pid}/${tid}`);
  }
  const threads = new Map<string, Task[]>();
  for (const { name, ph, pid, tid, ts, dur = 0, tdur = dur } of events) {
    if (name !== "RunTask" || ph !== "X" || !main.has(`${pid}/${tid}`)) continue;
    const tasks = threads.get(`${pid}/${tid}`) ?? [];
    tasks.push({ from: ts / 1000, to: (ts + dur) / 1000, length: tdur / 1000 });
    threads.set(`${pid}/${tid}`, tasks);
  }
  const busy = (tasks: Task[]) => tasks.reduce((sum, task) => sum + task.length, 0);
  return [...threads.values()].sort((a, b) => busy(b) - busy(a))[0] ?? [];
}
