using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Auie.Core.Codecs;

namespace Auie.Core.Users;

/// <summary>What a message of one user to another is about: two with one sender, id and target that are about different things are different messages.</summary>
public enum MessageRole : byte
{
    /// <summary>The sender's own event, as it came or passed on.</summary>
    Event = 0,

    /// <summary>The target belongs to somebody.</summary>
    Link = 1,

    /// <summary>The target gets a history.</summary>
    Adopt = 2,

    /// <summary>Somebody became the target's friend.</summary>
    FriendAdded = 3,

    /// <summary>Somebody ceased to be the target's friend.</summary>
    FriendRemoved = 4,
}

/// <summary>What a message is known by, so that it takes effect once. The numbers are stored, and never change.</summary>
public static class MessageIdentity
{
    private const int Small = 1024;

    /// <summary>
    /// The hash of the sender (<see cref="StableHash.OfKey"/>); and of the message: the first 16 bytes, as a big-endian number, of the SHA-256 of the role's
    /// byte and of sender, message id and target (where there is one), each as UTF-8 after its length in four bytes, the lowest first.
    /// </summary>
    /// <param name="target">The user whom it is for, where that is not the sender.</param>
    public static (ulong Sender, UInt128 Message) Of(string sender, string messageId, string? target = null, MessageRole role = MessageRole.Event)
    {
        var most = 1 + 3 * sizeof(int) + Encoding.UTF8.GetMaxByteCount(sender.Length + messageId.Length + (target?.Length ?? 0));
        Span<byte> bytes = most <= Small ? stackalloc byte[Small] : new byte[most];
        bytes[0] = (byte)role;
        var length = 1;
        length += Write(bytes[length..], sender);
        length += Write(bytes[length..], messageId);
        if (target is not null)
            length += Write(bytes[length..], target);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes[..length], hash);
        return (StableHash.OfKey(sender), BinaryPrimitives.ReadUInt128BigEndian(hash));
    }

    /// <summary>
    /// The digest of a message's content: <see cref="StableHash.OfBytes"/> of <see cref="EntryCodec"/>'s bytes of the entry, at the time that the sender wrote. A state
    /// that is handed over is left out: it is the same one however it is encoded; and whether an item is told of an answer: it was not always.
    /// </summary>
    /// <param name="stamped">The time as the sender wrote it: null for the entry's own, <see cref="DateTimeOffset.MinValue"/> where they gave none.</param>
    public static long Digest(Entry entry, DateTimeOffset? stamped)
    {
        var at = stamped is not { } time ? entry.At : time == DateTimeOffset.MinValue ? EntryValidation.Undated : time;
        var writer = ByteWriter.OfThread;
        EntryCodec.Write(writer, entry.State is null && !(entry.Mutual && entry.Kind.AnswersItem()) ? entry : entry with { State = null, Mutual = false }, at);
        return (long)StableHash.OfBytes(writer.Written);
    }

    private static int Write(Span<byte> bytes, string text)
    {
        var length = Encoding.UTF8.GetBytes(text, bytes[sizeof(int)..]);
        BinaryPrimitives.WriteInt32LittleEndian(bytes, length);
        return sizeof(int) + length;
    }
}
