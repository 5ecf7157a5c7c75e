using System.Security.Cryptography;
using System.Text;

namespace Auie.Runtime.Cluster;

/// <summary>
/// What proves that an end knows the secret: an HMAC-SHA256 by it over which end it is, both hellos (with their nonces and roles), and the certificate that the listening
/// end showed. So it is worth nothing on another connection, from the other end, or to somebody in between, who would have to show a certificate of his own.
/// </summary>
internal static class Proof
{
    public const int Size = HMACSHA256.HashSizeInBytes;

    private static ReadOnlySpan<byte> Dialler => "AUIE 1 dialler"u8;

    private static ReadOnlySpan<byte> Listener => "AUIE 1 listener"u8;

    public static byte[] OfDialler(string secret, byte[] diallerHello, byte[] listenerHello, byte[] certificate) =>
        Make(Dialler, secret, diallerHello, listenerHello, certificate);

    public static byte[] OfListener(string secret, byte[] diallerHello, byte[] listenerHello, byte[] certificate) =>
        Make(Listener, secret, diallerHello, listenerHello, certificate);

    private static byte[] Make(ReadOnlySpan<byte> side, string secret, byte[] diallerHello, byte[] listenerHello, byte[] certificate)
    {
        using var mac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(secret));
        // Of fixed length each but the first, and no first one begins another: no two inputs run together into the same bytes.
        mac.AppendData(side);
        mac.AppendData(SHA256.HashData(diallerHello));
        mac.AppendData(SHA256.HashData(listenerHello));
        mac.AppendData(SHA256.HashData(certificate));
        return mac.GetHashAndReset();
    }
}
