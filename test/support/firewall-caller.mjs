// In the world outside: sends what it is told, one JSON object a line, and tells how many answers
// came: {id, transport, from, to, port, data, count, fromPort, wait}. Of TCP the welcome is one.
import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';

createInterface({ input: process.stdin }).on('line', async (line) => {
  const task = JSON.parse(line);
  const answers = await (task.transport === 'udp' ? udp(task) : tcp(task));
  console.log(JSON.stringify({ id: task.id, answers }));
});
console.log('ready');

function udp({ from, to, port, data, count, fromPort, wait }) {
  return new Promise((resolve) => {
    const socket = createSocket(to.includes(':') ? 'udp6' : 'udp4');
    let answers = 0;
    const timer = setTimeout(end, wait);
    socket.on('message', () => {
      if (++answers >= count) end();
    });
    socket.on('error', () => {}); // refused: no answer
    socket.bind(fromPort ?? 0, from, () => {
      for (let i = 0; i < count; i++) socket.send(data, port, to);
    });
    function end() {
      clearTimeout(timer);
      socket.close(() => resolve(answers));
    }
  });
}

async function tcp({ from, to, port, count, wait }) {
  const tries = Array.from({ length: count }, () => {
    return new Promise((resolve) => {
      const socket = connect({ host: to, port, localAddress: from });
      const timer = setTimeout(() => end(0), wait);
      socket.on('data', () => end(1));
      socket.on('error', () => end(0));
      function end(answers) {
        clearTimeout(timer);
        socket.destroy();
        resolve(answers);
      }
    });
  });
  return (await Promise.all(tries)).reduce((sum, one) => sum + one, 0);
}
