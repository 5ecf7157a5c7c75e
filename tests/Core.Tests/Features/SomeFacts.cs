using Auie.Core.Features;

namespace Auie.Core.Tests.Features;

/// <summary>A user of whom some facts are known.</summary>
internal sealed class SomeFacts : IFacts
{
    private readonly Dictionary<Fact, double> _values = [];

    public double this[Fact fact]
    {
        get => _values.GetValueOrDefault(fact, double.NaN);
        init => _values[fact] = value;
    }
}
