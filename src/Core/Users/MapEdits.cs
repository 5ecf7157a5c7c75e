using System.Text;
using Auie.Core.Codecs;

namespace Auie.Core.Users;

/// <summary>What entries say of the keys of one map, gathered in any order, then sorted and combined so that the map takes it in one pass.</summary>
internal sealed class MapEdits
{
    private Keys _keys = new();
    private readonly List<PackedRow> _rows = [];
    private readonly List<PackedStamp> _stamps = [];
    private bool _ascending = true;

    public int Count => _rows.Count;

    public void Clear()
    {
        _keys.Clear();
        _rows.Clear();
        _stamps.Clear();
        _ascending = true;
    }

    /// <summary>Adds a stamp for marks of rows to come, and returns its number.</summary>
    public int Stamp(long ticks, string messageId)
    {
        var bytes = Encoding.UTF8.GetBytes(messageId);
        _stamps.Add(new PackedStamp(ticks, bytes, 0, bytes.Length));
        return _stamps.Count - 1;
    }

    public void Add(string key, in PackedRow row)
    {
        _keys.Add(key);
        _rows.Add(row);
        if (_rows.Count > 1 && _ascending)
            _ascending = _keys[_rows.Count - 2].SequenceCompareTo(_keys[_rows.Count - 1]) < 0;
    }

    /// <summary>Writes the rows in the order of their keys, one a key.</summary>
    public void Build(PackedRows rows)
    {
        rows.Clear();
        var numbers = BuildStamps(rows);
        if (_ascending)
        {
            for (var i = 0; i < _rows.Count; i++)
                rows.Add(_keys[i], _rows[i].Renumber(numbers));
            return;
        }
        foreach (var i in _keys.Order())
        {
            var row = _rows[i].Renumber(numbers);
            if (rows.Count > 0 && rows.Keys[rows.Count - 1].SequenceEqual(_keys[i]))
                rows.Rows[rows.Count - 1] = PackedRow.Combine(rows.Rows[rows.Count - 1], row);
            else
                rows.Add(_keys[i], row);
        }
    }

    private int[] BuildStamps(PackedRows rows)
    {
        var numbers = new int[_stamps.Count];
        var order = new int[_stamps.Count];
        for (var i = 0; i < order.Length; i++)
            order[i] = i;
        if (order.Length > 1)
            Array.Sort(order, (a, b) => _stamps[a].Compare(_stamps[b]));
        foreach (var i in order)
        {
            var known = rows.StampCount > 0 && rows.Stamps[rows.StampCount - 1].Compare(_stamps[i]) == 0;
            numbers[i] = known ? rows.StampCount - 1 : rows.AddStamp(_stamps[i]);
        }
        return numbers;
    }
}
