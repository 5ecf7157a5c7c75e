using Auie.Abstractions;

namespace Auie.Client;

/// <summary>What this process itself knows of the silos, without asking anybody: for when nobody can be asked.</summary>
public interface IKnownSilos
{
    /// <summary>Every silo as it was when this process last heard of them, by name; "not reached" where there is no connection to it now. Empty where it has never heard of any.</summary>
    SiloView[] List();
}
