using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using Auie.Runtime.Serialization;

namespace Auie.Runtime.Cluster;

/// <summary>
/// How both ends of a new connection come to trust each other: TLS where there is a secret, a hello each, and then a proof each, the dialling end's first, so that a stranger who dials
/// gets nothing to guess the secret by.
/// </summary>
internal static class Handshake
{
    /// <summary>How large a frame may be before its sender is known.</summary>
    private const int MaxFrame = 4096;

    private const int MaxPrinted = 500;

    /// <summary>Greets as the end that connected.</summary>
    /// <returns>What the other end said.</returns>
    /// <exception cref="IOException">The other end refused, said nothing that makes sense, or went away; the message says which.</exception>
    /// <exception cref="AuthenticationException">It does not know the secret.</exception>
    public static async Task<Hello> DialAsync(Endpoint endpoint, Link link, CancellationToken cancellationToken)
    {
        byte[] certificate = [];
        if (endpoint.Secret is not null)
        {
            var secured = link.Secure();
            await SecureAsync(secured.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = "auie",
                    AllowTlsResume = false,
                    // Any will do: whoever shows it has to prove the secret over it.
                    RemoteCertificateValidationCallback = static (_, shown, _, _) => shown is not null,
                },
                cancellationToken)).ConfigureAwait(false);
            certificate = secured.RemoteCertificate!.GetRawCertData();
        }

        var (stream, own) = (link.Stream, endpoint.Hello());
        var ownBytes = own.ToBytes();
        await SendAsync(stream, FrameKind.Hello, ownBytes, cancellationToken).ConfigureAwait(false);
        var peerBytes = await ReceiveAsync(stream, FrameKind.Hello, cancellationToken).ConfigureAwait(false);
        var peer = Hello.Read(peerBytes);
        if (own.Objection(peer) is { } objection)
            throw new IOException(objection);
        if (endpoint.Secret is { } secret)
        {
            await SendAsync(stream, FrameKind.Proof, Proof.OfDialler(secret, ownBytes, peerBytes, certificate), cancellationToken).ConfigureAwait(false);
            Check(await ReceiveAsync(stream, FrameKind.Proof, cancellationToken).ConfigureAwait(false), Proof.OfListener(secret, ownBytes, peerBytes, certificate), peer);
        }

        return peer;
    }

    /// <summary>Greets as the end that was connected to.</summary>
    /// <inheritdoc cref="DialAsync"/>
    public static async Task<Hello> AcceptAsync(Endpoint endpoint, Link link, CancellationToken cancellationToken)
    {
        byte[] certificate = [];
        if (endpoint.Secret is not null)
        {
            var secured = link.Secure();
            await SecureAsync(secured.AuthenticateAsServerAsync(
                new SslServerAuthenticationOptions { ServerCertificate = endpoint.Certificate, AllowTlsResume = false }, cancellationToken)).ConfigureAwait(false);
            certificate = endpoint.Certificate.RawData;
        }

        var (stream, own) = (link.Stream, endpoint.Hello());
        var ownBytes = own.ToBytes();
        var peerBytes = await ReceiveAsync(stream, FrameKind.Hello, cancellationToken).ConfigureAwait(false);
        var peer = Hello.Read(peerBytes);
        if (own.Objection(peer) is { } objection)
        {
            await RefuseAsync(stream, objection, cancellationToken).ConfigureAwait(false);
            throw new IOException(objection);
        }

        await SendAsync(stream, FrameKind.Hello, ownBytes, cancellationToken).ConfigureAwait(false);
        if (endpoint.Secret is { } secret)
        {
            try
            {
                Check(await ReceiveAsync(stream, FrameKind.Proof, cancellationToken).ConfigureAwait(false), Proof.OfDialler(secret, peerBytes, ownBytes, certificate), peer);
            }
            catch (AuthenticationException)
            {
                await RefuseAsync(stream, SecretRefusedException.Reason, cancellationToken).ConfigureAwait(false);
                throw;
            }

            await SendAsync(stream, FrameKind.Proof, Proof.OfListener(secret, peerBytes, ownBytes, certificate), cancellationToken).ConfigureAwait(false);
        }

        return peer;
    }

    private static async Task SecureAsync(Task securing)
    {
        try
        {
            await securing.ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is AuthenticationException or IOException)
        {
            throw new SecretDoubtedException($"TLS could not be agreed on. Do both ends have the same secret, or both none? {failure.Message}", failure);
        }
    }

    private static void Check(byte[] given, byte[] expected, Hello peer)
    {
        if (!CryptographicOperations.FixedTimeEquals(given, expected))
            throw new AuthenticationException($"'{Printable(peer.Name)}' did not prove that it knows the secret (Cluster:Secret, or Cluster:SecretFile).");
    }

    private static Task RefuseAsync(Stream stream, string reason, CancellationToken cancellationToken) =>
        SendAsync(stream, FrameKind.Goodbye, System.Text.Encoding.UTF8.GetBytes(reason), cancellationToken);

    private static async Task SendAsync(Stream stream, FrameKind kind, byte[] body, CancellationToken cancellationToken) =>
        await stream.WriteAsync(Frame.Of(kind, body), cancellationToken).ConfigureAwait(false);

    /// <summary>Waits for a frame of a kind. Reads not a byte more: what follows is the connection's.</summary>
    private static async Task<byte[]> ReceiveAsync(Stream stream, FrameKind expected, CancellationToken cancellationToken)
    {
        var header = new byte[Frame.HeaderSize];
        while (true)
        {
            byte[] body;
            try
            {
                await stream.ReadExactlyAsync(header, cancellationToken).ConfigureAwait(false);
                Frame.TryRead(header, MaxFrame, out _, out var size);
                body = new byte[size - Frame.HeaderSize];
                await stream.ReadExactlyAsync(body, cancellationToken).ConfigureAwait(false);
            }
            catch (IOException ended)
            {
                throw new SecretDoubtedException("The other end closed the connection before both knew each other. Do both have the same secret, or both none?", ended);
            }
            catch (WireFormatException garbage)
            {
                throw new SecretDoubtedException($"The other end sent something else than a greeting. Do both have the same secret, or both none? {garbage.Message}", garbage);
            }

            switch ((FrameKind)header[^1])
            {
                case var kind when kind == expected: return body;
                case FrameKind.Goodbye when Printable(body) == SecretRefusedException.Reason:
                    throw new SecretRefusedException($"The other end refused the connection: {SecretRefusedException.Reason} Cluster:Secret, or Cluster:SecretFile, of this process is another than there.");
                case FrameKind.Goodbye: throw new IOException($"The other end refused the connection: {Printable(body)}");
                case var kind when Enum.IsDefined(kind): throw new IOException($"The other end sent a frame of the kind {kind} where {expected} was expected.");
            }
        }
    }

    /// <summary>What the other end says, for messages and logs: whatever it is, it is one line of text.</summary>
    public static string Printable(string text) => string.Concat(text.Take(MaxPrinted).Select(static c => char.IsControl(c) ? ' ' : c));

    /// <inheritdoc cref="Printable(string)"/>
    public static string Printable(ReadOnlySpan<byte> text) => Printable(System.Text.Encoding.UTF8.GetString(text[..Math.Min(text.Length, 4 * MaxPrinted)]));
}
