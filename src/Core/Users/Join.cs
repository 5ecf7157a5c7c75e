using Auie.Core.Codecs;

namespace Auie.Core.Users;

/// <summary>
/// That two users were found to be one: <paramref name="From"/>, an id that had no owner, belongs to <paramref name="To"/> from then on. What
/// <paramref name="Sender"/>'s message said, as it was decided.
/// </summary>
public sealed record Join(string From, string To, string Sender, string MessageId, DateTimeOffset At)
{
    private const byte Version = 1;

    /// <summary>The entry by which the id's own partition takes the owner in.</summary>
    public Entry ToLink() => new() { Kind = EntryKind.Link, MessageId = MessageId, At = At, Other = To };

    /// <summary>Version 1: the version, the four texts, the instant in ticks of UTC and the minutes of its offset.</summary>
    public byte[] Encode()
    {
        var writer = new ByteWriter();
        writer.Byte(Version);
        writer.Text(From);
        writer.Text(To);
        writer.Text(Sender);
        writer.Text(MessageId);
        writer.Zigzag(At.UtcTicks);
        writer.Zigzag(At.TotalOffsetMinutes);
        return writer.ToArray();
    }

    /// <exception cref="CodecException">The bytes are no join, or one of a newer version.</exception>
    public static Join Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new ByteReader(bytes, "A join of two users");
        if (reader.Byte() is var version && version != Version)
            throw reader.Fail($"it has version {version}, this program knows version {Version}");
        var (from, to, sender, messageId) = (reader.Text(), reader.Text(), reader.Text(), reader.Text());
        var at = Instants.At(ref reader, reader.Zigzag(), reader.Zigzag());
        reader.End();
        return new Join(from, to, sender, messageId, at);
    }

    /// <summary>
    /// What an alias comes to, by the ids that each of the two leads to: itself, the user to whom it belongs, and so on to the last, the root.
    /// </summary>
    /// <param name="previous">From the id that the user had before.</param>
    /// <param name="user">From the user's id.</param>
    /// <returns>Which root is to belong to which, or null where they are one already; or why it cannot be.</returns>
    public static (string From, string To)? Decide(IReadOnlyList<string> previous, IReadOnlyList<string> user, out string? refusal)
    {
        refusal = previous[0] == user[0] ? "is the same id"
            : previous[^1] == user[^1] && previous.Count == 1 ? $"is whom '{user[0]}' was joined to before; the other way round would make a circle"
            : null;
        return previous[^1] == user[^1] ? null : (previous[^1], user[^1]);
    }
}
