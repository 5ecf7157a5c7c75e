using System.Globalization;

namespace Auie.Client;

/// <summary>
/// A user's version: the partition of the journal and the offset of the last record, written "partition.offset". It is given for every
/// accepted batch and in every answer about a user; a reader that sends it back reads at least that version.
/// </summary>
public readonly record struct VersionToken(int Partition, long Offset)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Partition}.{Offset}");

    /// <summary>Reads a token; false where the text is none. No journal gets as far as the greatest offset, which stands for all that there is.</summary>
    public static bool TryParse(string? text, out VersionToken token)
    {
        token = default;
        var dot = text?.IndexOf('.') ?? -1;
        if (dot < 0
            || !int.TryParse(text.AsSpan(0, dot), NumberStyles.None, CultureInfo.InvariantCulture, out var partition)
            || !long.TryParse(text.AsSpan(dot + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var offset)
            || offset == long.MaxValue)
            return false;
        token = new(partition, offset);
        return true;
    }
}
