namespace Auie.Silo.Tables;

/// <summary>Divides a whole number among many by weight, one after the other, so that the parts add up to it exactly.</summary>
internal struct Apportionment(long whole, long weights)
{
    private long _weight;
    private long _given;

    public int Next(long weight)
    {
        _weight += weight;
        var upTo = weights == 0 ? 0 : (long)((Int128)whole * _weight / weights);
        var part = upTo - _given;
        _given = upTo;
        return (int)part;
    }
}
