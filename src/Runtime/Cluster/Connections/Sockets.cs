using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Auie.Runtime.Cluster;

/// <summary>How the sockets of connections behave.</summary>
internal static class Sockets
{
    /// <summary>A host that was switched off, or cut off, sends nothing: so long, and the connection is held to be broken.</summary>
    internal const int SilenceSeconds = 4;

    private const int TcpLevel = 6, LinuxUserTimeout = 18;

    public static void Prepare(Socket socket)
    {
        socket.NoDelay = true;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, SilenceSeconds / 2);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, SilenceSeconds / 4);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 2);
        if (!OperatingSystem.IsLinux())
            return;
        // The same for what was sent and is not acknowledged, which keep-alive leaves to a quarter of an hour of repeats.
        Span<byte> milliseconds = stackalloc byte[sizeof(int)];
        MemoryMarshal.Write(milliseconds, SilenceSeconds * 1000);
        socket.SetRawSocketOption(TcpLevel, LinuxUserTimeout, milliseconds);
    }
}
