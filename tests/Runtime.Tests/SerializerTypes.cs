namespace Auie.Runtime.Tests;

public enum Colour : short
{
    Red = -1,
    Green = 0,
    Blue = 300,
}

[GenerateSerializer, Alias("test.everything")]
public sealed record Everything
{
    [Id(0)] public required string Text { get; init; }
    [Id(1)] public int? Number { get; init; } = 7;
    [Id(2)] public long[] Longs { get; init; } = [];
    [Id(3)] public List<string?> Names { get; init; } = [];
    [Id(4)] public Dictionary<string, double> Values { get; init; } = [];
    [Id(5)] public HashSet<int> Set { get; init; } = [];
    [Id(6)] public (int Left, string? Right) Pair { get; init; }
    [Id(7)] public DateTimeOffset At { get; init; }
    [Id(8)] public TimeSpan For { get; init; }
    [Id(9)] public Guid Key { get; init; }
    [Id(10)] public decimal Price { get; init; }
    [Id(11)] public ReadOnlyMemory<byte> Bytes { get; init; }
    [Id(12)] public Colour Colour { get; init; }
    [Id(13)] public Shape? Shape { get; init; }
    [Id(14)] public Everything[]? Children { get; init; }
    [Id(15)] public bool Flag { get; init; }
    [Id(16)] public double Real { get; init; }
    [Id(17)] public Exception? Failure { get; init; }
    [Id(18)] public Point At2 { get; init; }
    [Id(19)] public IReadOnlyList<Point> Path { get; init; } = [];
}

[GenerateSerializer, Alias("test.dot-of-before")]
public sealed record DotOfBefore([property: Id(0)] int X, [property: Id(1)] string Name);

[GenerateSerializer, Alias("test.dot")]
public readonly record struct Dot([property: Id(0)] int X, [property: Id(1)] string Name);

[GenerateSerializer, Alias("test.dots-of-before")]
public sealed record DotsOfBefore([property: Id(0)] DotOfBefore[] Dots);

[GenerateSerializer, Alias("test.dots")]
public sealed record Dots([property: Id(0)] Dot?[] Of);

[GenerateSerializer, Alias("test.shape")]
public abstract record Shape([property: Id(0)] string Name);

[GenerateSerializer, Alias("test.circle")]
public sealed record Circle(string Name, [property: Id(0)] double Radius) : Shape(Name);

[GenerateSerializer, Alias("test.square")]
public sealed record Square(string Name, [property: Id(0)] int Side) : Shape(Name);

[GenerateSerializer, Alias("test.point")]
public readonly record struct Point([property: Id(0)] int X, [property: Id(1)] int Y);

/// <summary>What <see cref="Newer"/> was before it had more members.</summary>
[GenerateSerializer, Alias("test.older")]
public sealed class Older
{
    [Id(0)] public int Kept { get; set; }
}

[GenerateSerializer, Alias("test.newer")]
public sealed class Newer
{
    [Id(0)] public int Kept { get; set; }
    [Id(1)] public string Added { get; set; } = "by default";
    [Id(2)] public Shape? Drawn { get; set; }
    [Id(3)] public double[] More { get; set; } = [1];
}

[GenerateSerializer, Alias("test.chain")]
public sealed class Chain
{
    [Id(0)] public Chain? Next { get; set; }
}
