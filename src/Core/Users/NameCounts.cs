using System.Collections;
using Auie.Core.Codecs;

namespace Auie.Core.Users;

/// <summary>
/// How often each name came, in the order of UTF-8. Of more than <see cref="Most"/> names those that are first in that order are kept and the
/// others are counted together under the empty text. A name that is ever turned away has as many kept ones before it from then on, so it never
/// comes back, and one that is kept in the end was never turned away: so the counts are the same in any order and grouping.
/// </summary>
internal sealed class NameCounts : IReadOnlyList<(string Name, long Count)>
{
    public const int Most = 64;
    private const string Rest = "";

    private readonly List<(string Name, long Count)> _byName = [];

    public int Count => _byName.Count;

    public (string Name, long Count) this[int index] => _byName[index];

    public void Add(string name, long by)
    {
        var place = Find(name);
        if (place >= 0)
        {
            _byName[place] = (_byName[place].Name, _byName[place].Count + by);
            return;
        }
        var kept = _byName.Count - (_byName.Count > 0 && _byName[0].Name == Rest ? 1 : 0);
        if (name == Rest || kept < Most)
        {
            _byName.Insert(~place, (name, by));
            return;
        }
        if (~place == _byName.Count)
        {
            Add(Rest, by);
            return;
        }
        var last = _byName[^1];
        _byName.RemoveAt(_byName.Count - 1);
        _byName.Insert(~place, (name, by));
        Add(Rest, last.Count);
    }

    public void Merge(NameCounts other)
    {
        foreach (var (name, count) in other._byName)
            Add(name, count);
    }

    public void Write(ByteWriter writer, NameTable names)
    {
        writer.Varint((ulong)_byName.Count);
        foreach (var (name, count) in _byName)
        {
            names.Write(writer, name);
            writer.Varint((ulong)count);
        }
    }

    public void Read(ref ByteReader reader, NameTable names)
    {
        for (var count = reader.Count(2); count > 0; count--)
            Add(names.Read(ref reader), reader.NonNegative());
    }

    public IEnumerator<(string Name, long Count)> GetEnumerator() => _byName.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private int Find(string name)
    {
        int low = 0, high = _byName.Count - 1;
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var order = Utf8Order.Instance.Compare(_byName[middle].Name, name);
            if (order == 0)
                return middle;
            if (order < 0)
                low = middle + 1;
            else
                high = middle - 1;
        }
        return ~low;
    }
}
