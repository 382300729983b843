import { createRoot } from 'react-dom/client'
import '../ui/theme.css'

const root = document.getElementById('root')
if (root) createRoot(root).render(<p>Hawser</p>)
