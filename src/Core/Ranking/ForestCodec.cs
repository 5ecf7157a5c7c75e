using System.Buffers.Binary;
using Auie.Core.Codecs;

namespace Auie.Core.Ranking;

/// <summary>
/// Forests and blends of them as bytes, the same on every machine: the format's version, then the fields in order; numbers little-endian, counts before
/// what they count. A version once written stays readable.
/// </summary>
public static class ForestCodec
{
    private const byte Version = 1;
    private const string What = "A ranker's forest";

    public static byte[] Encode(ForestBlend blend)
    {
        var writer = new ByteWriter(1 << 16);
        writer.Byte(Version);
        writer.Varint((ulong)blend.Columns.Length);
        foreach (var column in blend.Columns)
        {
            writer.Text(column.Name);
            writer.Byte(column.IsCategorical ? (byte)1 : (byte)0);
        }

        writer.Varint((ulong)blend.Forests.Length);
        for (var i = 0; i < blend.Forests.Length; i++)
        {
            Write(writer, blend.Weights[i]);
            Write(writer, blend.Forests[i]);
        }

        return writer.ToArray();
    }

    /// <exception cref="CodecException">The bytes are no blend, are damaged, or of a later version.</exception>
    public static ForestBlend Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new ByteReader(bytes, What);
        if (reader.Byte() is not Version and var version) throw reader.Fail($"version {version} is not known; this program reads version {Version}");
        var columns = new RankingColumn[reader.Count(bytesEach: 2)];
        for (var i = 0; i < columns.Length; i++) columns[i] = new RankingColumn(reader.Text(), reader.Bounded(1) == 1);
        var forests = new Forest[reader.Count(bytesEach: 10)];
        var weights = new float[forests.Length];
        for (var i = 0; i < forests.Length; i++)
        {
            weights[i] = ReadNumber(ref reader);
            forests[i] = ReadForest(ref reader, columns);
        }

        reader.End();
        try
        {
            return new ForestBlend(forests, weights);
        }
        catch (Exception exception) when (exception is InvalidDataException or ArgumentException)
        {
            throw reader.Fail(exception.Message);
        }
    }

    private static void Write(ByteWriter writer, Forest forest)
    {
        writer.Byte(forest.Output switch { ForestOutput.Score => 0, ForestOutput.LogOdds => 1, ForestOutput.Share => 2, _ => throw new ArgumentException("No number is set down for this output.", nameof(forest)) });
        Write(writer, forest.Start);
        writer.Varint((ulong)forest.Trees.Length);
        foreach (var tree in forest.Trees)
        {
            writer.Varint((ulong)tree.Nodes.Length);
            foreach (var node in tree.Nodes) Write(writer, node);
            foreach (var leaf in tree.Leaves) Write(writer, leaf);
        }
    }

    private static Forest ReadForest(ref ByteReader reader, RankingColumn[] columns)
    {
        var output = reader.Bounded(2) switch { 0 => ForestOutput.Score, 1 => ForestOutput.LogOdds, _ => ForestOutput.Share };
        var start = ReadNumber(ref reader);
        var trees = new RegressionTree[reader.Count(bytesEach: 5)];
        for (var i = 0; i < trees.Length; i++)
        {
            var nodes = new TreeNode[reader.Count(bytesEach: 5)];
            for (var at = 0; at < nodes.Length; at++) nodes[at] = ReadNode(ref reader);
            var leaves = new float[nodes.Length + 1];
            if (reader.Remaining < 4L * leaves.Length) throw reader.Fail($"{leaves.Length} leaves are wanted and {reader.Remaining} bytes are left");
            for (var leaf = 0; leaf < leaves.Length; leaf++) leaves[leaf] = ReadNumber(ref reader);
            trees[i] = new RegressionTree(nodes, leaves);
        }

        return new Forest(columns, output, start, trees);
    }

    private static void Write(ByteWriter writer, TreeNode node)
    {
        writer.Varint((ulong)node.Column);
        writer.Byte((byte)((node.MissingLeft ? 1 : 0) | (node.Codes is null ? 0 : 2)));
        if (node.Codes is null)
        {
            Write(writer, node.Threshold);
        }
        else
        {
            writer.Varint((ulong)node.Codes.Length);
            foreach (var code in node.Codes) writer.Varint((ulong)code);
        }

        writer.Zigzag(node.Left);
        writer.Zigzag(node.Right);
    }

    private static TreeNode ReadNode(ref ByteReader reader)
    {
        var column = reader.Bounded(int.MaxValue);
        var flags = reader.Bounded(3);
        var (threshold, codes) = (0f, (int[]?)null);
        if ((flags & 2) == 0)
        {
            threshold = ReadNumber(ref reader);
        }
        else
        {
            codes = new int[reader.Count()];
            for (var i = 0; i < codes.Length; i++)
            {
                codes[i] = reader.Bounded(RankingColumn.MaxCode);
                if (i > 0 && codes[i] <= codes[i - 1]) throw reader.Fail("categories are not in ascending order");
            }
        }

        return new TreeNode(column, threshold, (flags & 1) != 0, codes, ReadChild(ref reader), ReadChild(ref reader));
    }

    private static int ReadChild(ref ByteReader reader) =>
        reader.Zigzag() is >= int.MinValue and <= int.MaxValue and var child ? (int)child : throw reader.Fail("a child is out of range");

    private static void Write(ByteWriter writer, float value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(float)];
        BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
        writer.Bytes(bytes);
    }

    private static float ReadNumber(ref ByteReader reader) => BinaryPrimitives.ReadSingleLittleEndian(reader.Bytes(sizeof(float)));
}
