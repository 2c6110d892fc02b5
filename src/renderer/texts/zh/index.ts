export { texts } from '../en'
