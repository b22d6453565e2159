// A server of the resumable protocol that stores files and nothing else: `tus_server.mjs PACKAGES FOLDER PORT`.
import { createRequire } from "node:module";

const [packages, directory, port] = process.argv.slice(2);
const needed = createRequire(`${packages}/package.json`);
const { Server } = await import(needed.resolve("@tus/server"));
const { FileStore } = await import(needed.resolve("@tus/file-store"));
new Server({ path: "/files", datastore: new FileStore({ directory }) }).listen({ host: "127.0.0.1", port: Number(port) });
