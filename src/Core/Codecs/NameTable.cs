using System.Collections.Frozen;

namespace Auie.Core.Codecs;

/// <summary>
/// Names that a codec's writer and reader both know from the start. They are stored by their place: names are only ever added at the end,
/// together with a new version of each codec that uses them.
/// </summary>
internal sealed class UsualNames(params string[] names)
{
    public static readonly UsualNames OfUsers =
        new("birthyear", "gender", "locale", "location", "timezone", "joinedAt", "web", "ios", "android", "email", "male", "female");

    public static readonly UsualNames OfItems =
        new("kind", "event", "product", "creator", "start", "city", "state", "zip", "country", "lat", "lng", "price");

    private readonly FrozenDictionary<string, int> _places = Enumerable.Range(0, names.Length).ToFrozenDictionary(i => names[i]);

    public int Count => names.Length;

    public string this[int place] => names[place];

    public bool TryFind(string name, out int place) => _places.TryGetValue(name, out place);
}

/// <summary>
/// Names that occur again and again (of traits, of platforms) are written once and then by number, the usual ones always by number.
/// Format: 0 and the text of a name that is new, else the number of a known one.
/// </summary>
internal sealed class NameTable(UsualNames usual)
{
    private List<string>? _added;

    /// <summary>Forgets all but the usual names, for the next record.</summary>
    public void Clear() => _added?.Clear();

    public void Write(ByteWriter writer, string name)
    {
        if (!usual.TryFind(name, out var place))
        {
            var added = _added?.IndexOf(name) ?? -1;
            if (added < 0)
            {
                (_added ??= []).Add(name);
                writer.Varint(0);
                writer.Text(name);
                return;
            }
            place = usual.Count + added;
        }
        writer.Varint((ulong)place + 1);
    }

    public string Read(ref ByteReader reader)
    {
        var number = reader.Bounded(usual.Count + (_added?.Count ?? 0));
        if (number == 0)
        {
            var name = reader.Text();
            (_added ??= []).Add(name);
            return name;
        }
        return number <= usual.Count ? usual[number - 1] : _added![number - 1 - usual.Count];
    }
}
