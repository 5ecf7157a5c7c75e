using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Auie.Bench;

/// <summary>The yardstick of calls between processes: frames of the same sizes over one plain TCP connection, answered by the thread that reads them. Nothing is looked at but their lengths.</summary>
internal static class RawEcho
{
    private const int BufferSize = 64 << 10;

    /// <summary>Answers each frame with one of the size that the connection's first four bytes say.</summary>
    public static async Task Serve(Socket listener)
    {
        while (true)
        {
            var socket = await listener.AcceptAsync();
            socket.NoDelay = true;
            _ = Task.Run(() => Answer(socket));
        }
    }

    /// <summary>Exchanges a second, with so many under way at a time.</summary>
    public static async Task<double> Rate(IPEndPoint server, int underWay, int requestSize, int answerSize, TimeSpan slice)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(server);
        var requests = new byte[requestSize * underWay];
        for (var i = 0; i < underWay; i++)
            BinaryPrimitives.WriteInt32LittleEndian(requests.AsSpan(i * requestSize), requestSize);
        var hello = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(hello, answerSize);
        await socket.SendAsync(hello);
        var buffer = new byte[BufferSize];
        long total = 0;
        var (partial, watch) = (0, Stopwatch.StartNew());
        await socket.SendAsync(requests);
        while (watch.Elapsed < slice)
        {
            partial += await socket.ReceiveAsync(buffer.AsMemory());
            var answers = partial / answerSize;
            partial %= answerSize;
            total += answers;
            if (answers > 0)
                await socket.SendAsync(requests.AsMemory(0, answers * requestSize));
        }

        return total / watch.Elapsed.TotalSeconds;
    }

    private static async Task Answer(Socket socket)
    {
        using (socket)
        {
            var buffer = new byte[BufferSize];
            await socket.ReceiveAsync(buffer.AsMemory(0, 4));
            var answerSize = BinaryPrimitives.ReadInt32LittleEndian(buffer);
            var answers = new byte[BufferSize];
            var filled = 0;
            while (await socket.ReceiveAsync(buffer.AsMemory(filled)) is > 0 and var count)
            {
                filled += count;
                var (frames, taken) = (0, 0);
                while (filled - taken >= 4 && BinaryPrimitives.ReadInt32LittleEndian(buffer.AsSpan(taken)) is var size && filled - taken >= size)
                {
                    taken += size;
                    frames++;
                }

                buffer.AsSpan(taken, filled - taken).CopyTo(buffer);
                filled -= taken;
                if (frames > 0)
                    await socket.SendAsync(answers.AsMemory(0, frames * answerSize));
            }
        }
    }
}
