using Auie.Core.Codecs;

namespace Auie.Core.Users;

/// <summary>What a user said last on something that they may allow; of one stamp the refusal holds.</summary>
internal readonly record struct Permission(bool Given, Stamp Stamp)
{
    /// <summary>The later of two; null where nothing was said.</summary>
    public static Permission? Later(Permission? a, Permission? b)
    {
        if (a is not { } x || b is not { } y)
            return a ?? b;
        var order = x.Stamp.CompareTo(y.Stamp);
        return order > 0 || (order == 0 && !x.Given) ? x : y;
    }

    /// <summary>Writes 0 where nothing was said, else 1 for no and 2 for yes, the instant in ticks from <see cref="Instants.Epoch"/>, and the message id.</summary>
    public static void Write(ByteWriter writer, Permission? permission)
    {
        writer.Byte(permission is { } said ? (byte)(said.Given ? 2 : 1) : (byte)0);
        if (permission is not { Stamp: var stamp })
            return;
        writer.Zigzag(stamp.Ticks - Instants.Epoch);
        writer.Text(stamp.MessageId);
    }

    public static Permission? Read(ref ByteReader reader)
    {
        var said = reader.Bounded(2);
        return said == 0 ? null : new Permission(said == 2, new Stamp(Instants.Add(ref reader, Instants.Epoch, reader.Zigzag(), 0), reader.Text()));
    }
}
