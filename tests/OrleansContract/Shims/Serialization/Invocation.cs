namespace Orleans.Serialization.Invocation;

/// <summary>What IGrainContext derives from.</summary>
public interface ITargetHolder
{
    object? GetTarget();

    object? GetComponent(Type componentType);
}

/// <summary>What the method that [MayInterleave] names is given.</summary>
public interface IInvokable : IDisposable
{
    int GetArgumentCount();

    object? GetArgument(int index);

    string GetMethodName();

    string GetInterfaceName();
}

/// <summary>What a filter may answer with.</summary>
public abstract class Response;
