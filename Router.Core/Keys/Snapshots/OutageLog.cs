namespace Router.Core.Keys;

/// <summary>Turns repeated failures into two events: it began, it is over. For use by one loop.</summary>
public sealed class OutageLog(Action<Exception> began, Action ended)
{
    private bool _down;

    public void Failed(Exception exception)
    {
        if (!_down)
            began(exception);
        _down = true;
    }

    public void Succeeded()
    {
        if (_down)
            ended();
        _down = false;
    }
}
