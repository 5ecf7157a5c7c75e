using System.Security.Cryptography;
using Auie.Runtime.Serialization;

namespace Auie.Runtime.Cluster;

/// <summary>Which kind of process is at an end of a connection.</summary>
internal enum PeerRole : byte
{
    /// <summary>Hosts grains.</summary>
    Silo = 0,

    /// <summary>Only calls them.</summary>
    Client = 1,
}

/// <summary>What each end says first: the four letters AUIE, and then fields like those of messages, so that later versions may say more.</summary>
internal sealed record Hello(ulong LowestVersion, ulong HighestVersion, PeerRole Role, string Name, string Cluster, byte[] Nonce)
{
    /// <summary>The versions of frames and messages that this program speaks.</summary>
    public const ulong OldestSpoken = 1, NewestSpoken = 1;

    public const int NonceSize = 32;

    private const uint LowestField = 0, HighestField = 1, RoleField = 2, NameField = 3, ClusterField = 4, NonceField = 5;

    private static ReadOnlySpan<byte> Magic => "AUIE"u8;

    /// <summary>What this process says.</summary>
    public static Hello Of(PeerRole role, string name, string cluster) =>
        new(OldestSpoken, NewestSpoken, role, name, cluster, RandomNumberGenerator.GetBytes(NonceSize));

    /// <summary>The body of its frame.</summary>
    public byte[] ToBytes()
    {
        using var writer = new WireWriter();
        writer.WriteTag(LowestField, WireType.Varint);
        writer.WriteVarint(LowestVersion);
        writer.WriteTag(HighestField, WireType.Varint);
        writer.WriteVarint(HighestVersion);
        writer.WriteTag(RoleField, WireType.Varint);
        writer.WriteVarint((ulong)Role);
        writer.WriteField(NameField, ScalarCodecs.String, Name);
        writer.WriteField(ClusterField, ScalarCodecs.String, Cluster);
        writer.WriteTag(NonceField, WireType.Length);
        writer.WriteBytes(Nonce);
        return [.. Magic, .. writer.Written];
    }

    /// <exception cref="WireFormatException">The bytes are not such a body.</exception>
    public static Hello Read(ReadOnlySpan<byte> body)
    {
        if (!body.StartsWith(Magic))
            throw new WireFormatException("What came first is not a hello of this protocol.");
        ulong lowest = 0, highest = 0, role = 0;
        string name = "", cluster = "";
        byte[] nonce = [];
        var reader = new WireReader(body[Magic.Length..]);
        while (reader.TryReadTag(out var number, out var type))
        {
            switch (number)
            {
                case LowestField when type == WireType.Varint: lowest = reader.ReadVarint(); break;
                case HighestField when type == WireType.Varint: highest = reader.ReadVarint(); break;
                case RoleField when type == WireType.Varint: role = reader.ReadVarint(); break;
                case NameField when type == WireType.Length: name = reader.ReadString(); break;
                case ClusterField when type == WireType.Length: cluster = reader.ReadString(); break;
                case NonceField when type == WireType.Length: nonce = reader.ReadBytes().ToArray(); break;
                default: reader.Skip(type); break;
            }
        }

        if (role > (ulong)PeerRole.Client)
            throw new WireFormatException($"There is no role {role}.");
        if (nonce.Length != NonceSize)
            throw new WireFormatException($"The nonce of a hello has {nonce.Length} bytes instead of {NonceSize}.");
        return new(lowest, highest, (PeerRole)role, name, cluster, nonce);
    }

    /// <summary>Why this end and the other cannot talk; null where they can.</summary>
    public string? Objection(Hello other)
    {
        var (name, cluster) = (Handshake.Printable(other.Name), Handshake.Printable(other.Cluster));
        if (Math.Min(HighestVersion, other.HighestVersion) < Math.Max(LowestVersion, other.LowestVersion))
            return $"'{Name}' speaks the protocol's versions {LowestVersion} to {HighestVersion}, and '{name}' {other.LowestVersion} to {other.HighestVersion}.";
        return Cluster.Length > 0 && other.Cluster.Length > 0 && Cluster != other.Cluster
            ? $"'{Name}' belongs to the cluster '{Cluster}', and '{name}' to '{cluster}'."
            : null;
    }
}
