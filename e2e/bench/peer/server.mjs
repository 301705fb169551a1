// PouchDB's own server: CouchDB's replication protocol over LevelDB.
import pouch from "express-pouchdb";
import PouchDB from "pouchdb";

const [folder, port] = process.argv.slice(2);
const Stored = PouchDB.defaults({ prefix: `${folder}/server-` });
const app = pouch(Stored, { mode: "minimumForPouchDB", inMemoryConfig: true, logPath: `${folder}/log.txt` });
app.listen(Number(port), "127.0.0.1", () => process.send("ready"));
