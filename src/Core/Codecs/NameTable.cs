using System.Collections.Frozen;

namespace Auie.Core.Codecs;

/// <summary>
/// Names that occur again and again (of traits, of platforms) are written once and then by number; the usual ones are known from the
/// start. Format: 0 and the text of a name that is new, else the number of a known one.
/// </summary>
internal sealed class NameTable
{
    // Stored by their place: names are only ever added at the end, together with a new version of each codec that uses them.
    private static readonly string[] Usual =
        ["birthyear", "gender", "locale", "location", "timezone", "joinedAt", "web", "ios", "android", "email", "male", "female"];

    private static readonly FrozenDictionary<string, int> Places = Enumerable.Range(0, Usual.Length).ToFrozenDictionary(i => Usual[i]);

    private List<string>? _added;

    public void Write(ByteWriter writer, string name)
    {
        if (!Places.TryGetValue(name, out var place))
        {
            var added = _added?.IndexOf(name) ?? -1;
            if (added < 0)
            {
                (_added ??= []).Add(name);
                writer.Varint(0);
                writer.Text(name);
                return;
            }
            place = Usual.Length + added;
        }
        writer.Varint((ulong)place + 1);
    }

    public string Read(ref ByteReader reader)
    {
        var number = reader.Bounded(Usual.Length + (_added?.Count ?? 0));
        if (number == 0)
        {
            var name = reader.Text();
            (_added ??= []).Add(name);
            return name;
        }
        return number <= Usual.Length ? Usual[number - 1] : _added![number - 1 - Usual.Length];
    }
}
