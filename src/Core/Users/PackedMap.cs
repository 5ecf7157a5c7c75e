using Auie.Core.Codecs;

namespace Auie.Core.Users;

/// <summary>
/// A sorted map from ids to what is held under them, kept as encoded stretches (chunks) of 64 keys on average. A key begins a chunk when
/// the low bits of its hash are 0, so where chunks begin follows from the keys alone, not from the order in which they came; adding a key
/// writes one chunk anew. Keys are removed only to erase somebody: a friend no longer leaves a mark, without which a late older entry
/// would bring them back.
/// </summary>
/// <remarks>
/// The idea of boundaries by content is that of prolly trees (https://docs.dolthub.com/architecture/storage-engine/prolly-tree). A chunk is
/// named by the key that it begins at; the one before the first such key, if there is one, by the empty text.
/// </remarks>
internal sealed class PackedMap
{
    private const ulong BoundaryMask = 63;
    private const string Unnamed = "";

    [ThreadStatic]
    private static Scratch? _scratch;

    private readonly List<Chunk> _chunks;

    // The names of chunks that went away, and when: that named by the empty text, since a key that begins a chunk became the map's first; others with their first keys.
    private Dictionary<string, long>? _goneAt;

    public PackedMap(RowTally tally)
    {
        Tally = tally;
        _chunks = [];
    }

    private PackedMap(RowTally tally, List<Chunk> chunks, Dictionary<string, long>? goneAt)
    {
        Tally = tally;
        _chunks = chunks;
        _goneAt = goneAt;
    }

    /// <summary>
    /// A chunk: where its bytes lie, whether that is this map's alone, so that they may be written anew in place, and the offset of the record that last changed it. Room is
    /// left for more: an array a change would be what most of the garbage collector's work is about.
    /// </summary>
    private readonly record struct Chunk(byte[] Buffer, int Length, bool IsOwn, long ChangedAt)
    {
        public ReadOnlySpan<byte> Data => Buffer.AsSpan(0, Length);

        /// <summary>A chunk of these bytes, in the place of this one where they have room and it may be.</summary>
        public Chunk Write(ReadOnlySpan<byte> bytes, long offset)
        {
            var buffer = IsOwn && bytes.Length <= Buffer.Length ? Buffer : new byte[bytes.Length + bytes.Length / 2 + 16];
            bytes.CopyTo(buffer);
            return new Chunk(buffer, bytes.Length, true, offset);
        }
    }

    public RowTally Tally { get; }

    public int ChunkCount => _chunks.Count;

    /// <summary>The bytes of memory of all chunks.</summary>
    public int Bytes => _chunks.Sum(chunk => chunk.Buffer.Length);

    /// <summary>A map of the same keys that changes independently.</summary>
    public PackedMap Copy(RowTally tally) => new(
        tally, [.. _chunks.Select(chunk => chunk with { Buffer = chunk.Data.ToArray() })], _goneAt is null ? null : new Dictionary<string, long>(_goneAt));

    /// <summary>A map of chunks as they were stored, which stay encoded until they are wanted.</summary>
    public static PackedMap Load(RowTally tally, IEnumerable<byte[]> chunks)
    {
        var loaded = new List<Chunk>();
        foreach (var data in chunks)
        {
            // A chunk that cannot be read says so here: thrown by the comparison it would come wrapped into another exception.
            ChunkCodec.FirstKey(data);
            loaded.Add(new Chunk(data, data.Length, false, 0));
        }
        loaded.Sort((a, b) => ChunkCodec.FirstKey(a.Data).SequenceCompareTo(ChunkCodec.FirstKey(b.Data)));
        return new PackedMap(tally, loaded, null);
    }

    /// <summary>The chunks' bytes, in the order of their keys.</summary>
    public IEnumerable<byte[]> Chunks => _chunks.Select(chunk => chunk.Data.ToArray());

    /// <summary>Reads every chunk.</summary>
    /// <exception cref="CodecException">One cannot be read.</exception>
    public void Check()
    {
        var scratch = _scratch ??= new Scratch();
        foreach (var chunk in _chunks)
            ChunkCodec.Decode(chunk.Buffer, chunk.Length, scratch.Held);
    }

    /// <summary>Adds what edits say.</summary>
    /// <param name="offset">Where in the journal that stands; chunks that change are marked with it.</param>
    public void Apply(MapEdits edits, long offset)
    {
        if (edits.Count == 0)
            return;
        var scratch = _scratch ??= new Scratch();
        edits.Build(scratch.Edits);
        Apply(scratch, offset);
    }

    /// <summary>Adds all that another map holds.</summary>
    public void Merge(PackedMap other, long offset)
    {
        var scratch = _scratch ??= new Scratch();
        foreach (var chunk in other._chunks)
        {
            ChunkCodec.Decode(chunk.Buffer, chunk.Length, scratch.Edits);
            Apply(scratch, offset);
        }
    }

    private void Apply(Scratch scratch, long offset)
    {
        var edits = scratch.Edits;
        for (var from = 0; from < edits.Count;)
        {
            var place = FindChunk(edits.Keys[from]);
            var to = place + 1 < _chunks.Count ? edits.LowerBound(ChunkCodec.FirstKey(_chunks[place + 1].Data), from) : edits.Count;
            ApplyToChunk(scratch, place, from, to, offset);
            from = to;
        }
    }

    /// <summary>Writes the chunk at a place anew with some of the edits; place -1 is before the first chunk, where there is none yet.</summary>
    private void ApplyToChunk(Scratch scratch, int place, int from, int to, long offset)
    {
        scratch.Held.Clear();
        if (place >= 0)
            ChunkCodec.Decode(_chunks[place].Buffer, _chunks[place].Length, scratch.Held);
        scratch.Combine(from, to, Tally);
        var starts = scratch.Starts;
        if (place >= 0 && starts[0] && !IsBoundary(scratch.Held.Keys[0]))
            Gone(Unnamed, offset);
        var result = scratch.Result;
        var at = Math.Max(place, 0);
        for (var first = 0; first < result.Count;)
        {
            var next = first + 1;
            while (next < result.Count && !starts[next])
                next++;
            var bytes = ChunkCodec.Encode(scratch.Writer, result, first, next);
            // Where there are more to come, their stamps lie in the old bytes yet.
            var written = (first == 0 && next == result.Count && place >= 0 ? _chunks[place] : default).Write(bytes, offset);
            if (first == 0 && place >= 0)
                _chunks[place] = written;
            else
                _chunks.Insert(at, written);
            at++;
            first = next;
        }
    }

    /// <summary>Removes a key with its row, as if it had never come; false where it is not there.</summary>
    /// <param name="offset">Where in the journal that stands; chunks that change or go are marked with it.</param>
    public bool Remove(string key, long offset)
    {
        var keys = new Keys();
        keys.Add(key);
        var place = FindChunk(keys[0]);
        if (place < 0)
            return false;
        var scratch = _scratch ??= new Scratch();
        var chunk = _chunks[place];
        ChunkCodec.Decode(chunk.Buffer, chunk.Length, scratch.Held);
        if (scratch.Held.Find(keys[0]) is not { } row)
            return false;
        var began = IsBoundary(keys[0]);
        Tally.Remove(row);
        scratch.Leave(keys[0]);
        var left = scratch.Edits;
        _chunks.RemoveAt(place);
        if (began || left.Count == 0)
            Gone(NameOf(ChunkCodec.FirstKey(chunk.Data)), offset);
        if (left.Count == 0)
            return true;
        if (!began || place == 0)
        {
            _chunks.Insert(place, default(Chunk).Write(ChunkCodec.Encode(scratch.Writer, left, 0, left.Count), offset));
            return true;
        }

        // What the key began belongs to the chunk before it, which counts what it takes in.
        for (var i = 0; i < left.Count; i++)
            Tally.Remove(left.Rows[i]);
        ApplyToChunk(scratch, place - 1, 0, left.Count, offset);
        return true;
    }

    /// <summary>The row of a key, or null, with the stamps that it refers to.</summary>
    public PackedRow? Find(string key)
    {
        var keys = new Keys();
        keys.Add(key);
        var place = FindChunk(keys[0]);
        if (place < 0)
            return null;
        var scratch = _scratch ??= new Scratch();
        ChunkCodec.Decode(_chunks[place].Buffer, _chunks[place].Length, scratch.Held);
        return scratch.Held.Find(keys[0]);
    }

    /// <summary>The rows after a key (null: from the first), in the order of keys.</summary>
    public IEnumerable<(string Key, PackedRow Row)> After(string? key)
    {
        var place = 0;
        var keys = new Keys();
        if (key is not null)
        {
            keys.Add(key);
            place = Math.Max(FindChunk(keys[0]), 0);
        }
        for (; place < _chunks.Count; place++)
        {
            foreach (var row in Decode(_chunks[place]))
            {
                if (key is null || Utf8Order.Instance.Compare(row.Key, key) > 0)
                    yield return row;
            }
        }
    }

    /// <summary>Every row with the stamps of its two marks, which are of ticks 0 where it has none; in the order of keys.</summary>
    public IEnumerable<(string Key, PackedRow Row, PackedStamp First, PackedStamp Second)> Stamped()
    {
        for (var place = 0; place < _chunks.Count; place++)
        {
            var rows = Decode(_chunks[place]);
            var stamps = _scratch!.Held.Stamps;
            // Who takes them may decode other chunks in between.
            foreach (var row in Array.ConvertAll(rows, one => (one.Key, one.Row, StampOf(one.Row.First), StampOf(one.Row.Second))))
                yield return row;

            PackedStamp StampOf(Mark mark) => mark.Value == 0 ? default : stamps[mark.Stamp];
        }
    }

    private static (string Key, PackedRow Row)[] Decode(in Chunk chunk)
    {
        var held = (_scratch ??= new Scratch()).Held;
        ChunkCodec.Decode(chunk.Buffer, chunk.Length, held);
        var reader = ChunkCodec.Open(chunk.Data);
        var rows = new (string, PackedRow)[held.Count];
        for (var i = 0; i < rows.Length; i++)
            rows[i] = (held.Keys.Text(i, ref reader), held.Rows[i]);
        return rows;
    }

    /// <summary>Adds the chunks that changed after an offset, by name; those that are gone without their bytes.</summary>
    public void Changes(byte map, long after, List<UserChunk> changes)
    {
        var gone = _goneAt?.Where(gone => gone.Value > after).Select(gone => gone.Key).ToHashSet();
        foreach (var chunk in _chunks)
        {
            var name = NameOf(ChunkCodec.FirstKey(chunk.Data));
            gone?.Remove(name);
            if (chunk.ChangedAt > after)
                changes.Add(new UserChunk(map, name, chunk.Data.ToArray()));
        }
        if (gone is not null)
            changes.AddRange(gone.Select(name => new UserChunk(map, name, null)));
    }

    private void Gone(string name, long offset) => (_goneAt ??= [])[name] = offset;

    private static string NameOf(ReadOnlySpan<byte> firstKey) => IsBoundary(firstKey) ? System.Text.Encoding.UTF8.GetString(firstKey) : Unnamed;

    /// <summary>The last chunk that begins at or before a key; -1 where the key lies before the first chunk and that is not the unnamed one.</summary>
    private int FindChunk(ReadOnlySpan<byte> key)
    {
        int low = 0, high = _chunks.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (ChunkCodec.FirstKey(_chunks[middle].Data).SequenceCompareTo(key) <= 0)
                low = middle + 1;
            else
                high = middle;
        }
        return low == 0 && _chunks.Count > 0 && !IsBoundary(ChunkCodec.FirstKey(_chunks[0].Data)) ? 0 : low - 1;
    }

    private static bool IsBoundary(ReadOnlySpan<byte> key) => (StableHash.OfBytes(key) & BoundaryMask) == 0;

    /// <summary>Buffers of one thread, for the time of one operation.</summary>
    private sealed class Scratch
    {
        public readonly PackedRows Edits = new();
        public readonly PackedRows Held = new();
        public readonly PackedRows Result = new();
        public readonly ByteWriter Writer = new(4096);

        /// <summary>For each row of the result whether a chunk begins with it.</summary>
        public bool[] Starts = new bool[256];

        private int[] _heldNumbers = new int[64];
        private int[] _editNumbers = new int[64];

        /// <summary>Puts all held rows but one among the edits.</summary>
        public void Leave(ReadOnlySpan<byte> key)
        {
            Edits.Clear();
            for (var i = 0; i < Held.StampCount; i++)
                Edits.AddStamp(Held.Stamps[i]);
            for (var i = 0; i < Held.Count; i++)
            {
                if (!Held.Keys[i].SequenceEqual(key))
                    Edits.Add(Held.Keys[i], Held.Rows[i]);
            }
        }

        /// <summary>Combines the held rows with some of the edits into the result, and keeps the tally.</summary>
        public void Combine(int from, int to, RowTally tally)
        {
            Result.Clear();
            CombineStamps();
            if (Starts.Length < Held.Count + to - from)
                Starts = new bool[2 * (Held.Count + to - from)];
            var held = 0;
            while (held < Held.Count || from < to)
            {
                var order = held == Held.Count ? 1 : from == to ? -1 : Held.Keys[held].SequenceCompareTo(Edits.Keys[from]);
                if (order < 0)
                {
                    // Only a first key can begin a chunk: the others were looked at when they came.
                    Starts[Result.Count] = held == 0 && IsBoundary(Held.Keys[0]);
                    Result.Add(Held.Keys[held], Held.Rows[held].Renumber(_heldNumbers));
                    held++;
                    continue;
                }
                var key = Edits.Keys[from];
                Starts[Result.Count] = IsBoundary(key);
                var row = Edits.Rows[from++].Renumber(_editNumbers);
                if (order == 0)
                {
                    tally.Remove(Held.Rows[held]);
                    row = PackedRow.Combine(Held.Rows[held++].Renumber(_heldNumbers), row);
                }
                tally.Add(row);
                Result.Add(key, row);
            }
        }

        private void CombineStamps()
        {
            if (_heldNumbers.Length < Held.StampCount)
                _heldNumbers = new int[2 * Held.StampCount];
            if (_editNumbers.Length < Edits.StampCount)
                _editNumbers = new int[2 * Edits.StampCount];
            int held = 0, edit = 0;
            while (held < Held.StampCount || edit < Edits.StampCount)
            {
                var order = held == Held.StampCount ? 1 : edit == Edits.StampCount ? -1 : Held.Stamps[held].Compare(Edits.Stamps[edit]);
                var number = Result.AddStamp(order <= 0 ? Held.Stamps[held] : Edits.Stamps[edit]);
                if (order <= 0)
                    _heldNumbers[held++] = number;
                if (order >= 0)
                    _editNumbers[edit++] = number;
            }
        }
    }
}
