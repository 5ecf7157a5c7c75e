using System.Collections;
using Auie.Core.Codecs;

namespace Auie.Core.Users;

/// <summary>
/// Ids in the order of UTF-8; of more than <paramref name="most"/> those that are first in it, so that which are kept does not depend on the order
/// in which they came.
/// </summary>
internal sealed class IdSet(int most = int.MaxValue) : IReadOnlyList<string>
{
    private readonly List<string> _ids = [];

    public int Count => _ids.Count;

    public string this[int index] => _ids[index];

    public void Add(string id)
    {
        var place = _ids.BinarySearch(id, Utf8Order.Instance);
        if (place >= 0 || ~place == most)
            return;
        if (_ids.Count == most)
            _ids.RemoveAt(most - 1);
        _ids.Insert(~place, id);
    }

    public bool Remove(string id)
    {
        var place = _ids.BinarySearch(id, Utf8Order.Instance);
        if (place >= 0)
            _ids.RemoveAt(place);
        return place >= 0;
    }

    public void Merge(IdSet other)
    {
        foreach (var id in other._ids)
            Add(id);
    }

    public void Write(ByteWriter writer)
    {
        var keys = new Keys();
        foreach (var id in _ids)
            keys.Add(id);
        KeyList.Write(writer, ref keys, 0, keys.Count);
    }

    public void Read(ref ByteReader reader)
    {
        var keys = new Keys();
        KeyList.Read(ref reader, ref keys);
        for (var i = 0; i < keys.Count; i++)
            Add(keys.Text(i, ref reader));
    }

    public IEnumerator<string> GetEnumerator() => _ids.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
