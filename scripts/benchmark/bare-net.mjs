// Reference: node:net alone, the same one-command conversation, nothing decided. usage: PORT
import { createServer } from 'node:net';
import { COMMAND } from './conversation.mjs';

createServer((socket) => {
  let text = '';
  let asked = false;
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    if (asked) return socket.end();
    text += chunk;
    if (!text.endsWith('\n\n')) return;
    asked = true;
    socket.write(`${COMMAND}\n`);
  });
}).listen(Number(process.argv[2]), '127.0.0.1');
