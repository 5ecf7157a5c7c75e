using System.Security.Cryptography;

namespace Auie.Runtime.Cluster;

/// <summary>What silos keep of their secret in the membership table, so that one that has another does not join: nobody would reach it, and what it took would not be served.</summary>
internal static class ClusterSecret
{
    /// <summary>How many bytes a secret has at the least.</summary>
    public const int LeastBytes = 16;

    // Slow, for whoever reads the table may try secrets against it.
    private const int Iterations = 100_000;

    /// <summary>A digest that tells secrets apart and does not tell them; empty for none.</summary>
    public static byte[] Digest(string? secret) =>
        string.IsNullOrEmpty(secret) ? [] : Rfc2898DeriveBytes.Pbkdf2(secret, "auie cluster secret"u8, Iterations, HashAlgorithmName.SHA256, SHA256.HashSizeInBytes);
}
